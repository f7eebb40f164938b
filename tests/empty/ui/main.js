document.querySelector("button").addEventListener("click", () => {});
window.__TAURI__.core.invoke("drawn");
