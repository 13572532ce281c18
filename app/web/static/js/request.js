/* Requests to our own pages. */

export function token() {
  return document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

/* Posts form data; throws an Error with the server's sentence when it refuses. */
export async function post(url, body, options = {}) {
  const headers = { "X-CSRF-Token": token(), Accept: "text/html, application/json", "X-Fragment": "1" };
  const response = await fetch(url, { method: "POST", body, headers, ...options });
  if (!response.ok) throw new Error(await refusal(response));
  return response;
}

export async function refusal(response) {
  const isProblem = response.headers.get("content-type")?.includes("json");
  return (isProblem && (await response.json()).detail) || `${response.status} ${response.statusText}`;
}

/* Returns a function that calls `act` once nothing was asked for `wait` milliseconds. */
export function debounce(act, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait, ...given);
  };
}
