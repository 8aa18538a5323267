"""`python -m tests.house`: renews the table of settings in README.md and the page of rules, docs/house.md."""

from tests.house.guide import write

if __name__ == "__main__":
    write()
