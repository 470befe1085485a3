/* The session has ended: go to the door and come back to this very screen afterwards. */
location.replace('/login?next=' + encodeURIComponent(location.pathname + location.search));
