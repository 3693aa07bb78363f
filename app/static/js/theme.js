// Runs before the page is drawn (the only script that is no module), so that a dark page never flashes white.
(() => {
  const page = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    if (page.dataset.theme === "auto") page.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  set();
  dark.addEventListener("change", set);
})();
