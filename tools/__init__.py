"""Tools for the people who build the product; the product itself never imports them."""
