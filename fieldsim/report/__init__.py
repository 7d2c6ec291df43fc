"""The only writer for people: text tables, the HTML report, maps, calendar and GPS files."""
