"""The service that describes videos in words, where one is used."""

from __future__ import annotations

from matteweb.settings import env

# Any service with the chat protocol of OpenAI, e.g. https://api.openai.com/v1
CAPTION_URL = env.text("MATTEWEB_CAPTION_URL", "")
CAPTION_MODEL = env.text("MATTEWEB_CAPTION_MODEL", "")
CAPTION_KEY = env.text("MATTEWEB_CAPTION_KEY", "")
# Whether the service may be on this machine or in the local network.
CAPTION_PRIVATE_ADDRESSES = env.boolean("MATTEWEB_CAPTION_PRIVATE_ADDRESSES", False)
CAPTION_TIMEOUT_SECONDS = env.integer("MATTEWEB_CAPTION_TIMEOUT_SECONDS", 60, least=1)
CAPTION_TOKENS_PER_JOB = env.integer("MATTEWEB_CAPTION_TOKENS_PER_JOB", 2_000_000, least=1)
