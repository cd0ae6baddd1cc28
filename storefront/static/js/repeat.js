// A form with data-repeat-after-seconds sends itself after that time.
const form = document.querySelector("[data-repeat-after-seconds]");
if (form) setTimeout(() => form.requestSubmit(), form.dataset.repeatAfterSeconds * 1000);
