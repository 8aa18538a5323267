"""The rules of the house: each test is one rule, and its failure says where, why and how to mend it."""
