"""What all sections of the settings have in common."""

from typing import Final

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

# Marks a field whose new value a running server cannot take up.
RESTART: Final[JsonDict] = {"restart": True}


class Section(BaseModel):
    """Hold settings that belong together: frozen, strict, and without unknown keys."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )
