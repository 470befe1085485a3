/* The page's language, for screen readers and for the browser's offer to translate. */
document.documentElement.lang = document.currentScript.dataset.language;
