/** Begins Swagger UI, for the contract or for the control API. Requests are tried on this fake and nowhere else. */

import "./theme_button.js";

const PATHS = { contract: "../spec.json", control: "../openapi.json" };
const box = document.getElementById("reference");
const wanted = new URLSearchParams(location.search).get("of");
const of = wanted in PATHS ? wanted : "contract";

for (const link of document.querySelectorAll("[data-of]")) {
  if (link.dataset.of === of) link.setAttribute("aria-current", "true");
}

async function begin() {
  const response = await fetch(PATHS[of], { cache: "no-store" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const spec = await response.json();
  // The contract names Distinct's own server; what is tried here goes to the fake that this page came from.
  spec.servers = [{ url: location.origin, description: "this fake" }];
  for (const path of Object.values(spec.paths ?? {})) delete path.servers;
  box.replaceChildren();
  window.SwaggerUIBundle({
    spec,
    domNode: box,
    deepLinking: false,
    validatorUrl: null,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
}

begin().catch((error) => {
  box.textContent = `The document could not be read: ${error.message}`;
});
