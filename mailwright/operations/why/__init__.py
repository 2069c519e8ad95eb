"""Why a mail came back or was treated as it was: bounces, messages and pasted text, explained."""
