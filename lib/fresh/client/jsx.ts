/**
 * What JSX becomes in browsers: calls of preact's own `h`. The automatic runtime's functions would do the same with 300 more
 * bytes for a page.
 */
export { Fragment as __Fragment, h as __h } from "preact";
