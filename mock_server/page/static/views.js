/** All views, each a function of the node to fill and the address; it gives `leave` and what keys do. */

export { show as arm } from "./arm.js";
export { errors, rules } from "./lists.js";
export { show as request } from "./request.js";
export { show as requests } from "./requests.js";
export { show as sessions } from "./sessions.js";
export { show as world } from "./world.js";
