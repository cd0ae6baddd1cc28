// Draws the OpenAPI document named by [data-schema] with Swagger UI.
const place = document.querySelector("[data-schema]");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
  validatorUrl: null,
});
