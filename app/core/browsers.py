"""Which browser on which system a session runs in, as people name it. Knows the header's words, no request."""

import re

# the word before the version, and what it is called; the first that is found counts, since all call themselves Safari
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("EdgA", "Edge"),
    ("HuaweiBrowser", "Huawei"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Version", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(agent: str | None) -> str:
    """``Chrome 126 · Windows`` of a User-Agent header; the header itself where it names no browser we know."""
    agent = agent or ""
    for word, name in BROWSERS:
        if found := re.search(rf"{word}/(\d+)", agent):
            system = next((name for word, name in SYSTEMS if word in agent), "")
            return " · ".join(part for part in (f"{name} {found[1]}", system) if part)
    return agent
