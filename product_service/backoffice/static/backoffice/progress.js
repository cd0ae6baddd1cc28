// Shows how far a job is without loading the whole page; loads it when the job is over.
const SECONDS = 2;
const shown = document.querySelector("[data-progress]");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-progress]");
    if (answer.ok && !now) return location.reload();
    if (now) shown.replaceChildren(...now.childNodes);
  } catch {
    // Without a network it is asked again.
  }
  setTimeout(look, SECONDS * 1000);
}

if (shown) setTimeout(look, SECONDS * 1000);
