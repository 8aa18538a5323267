"""One turn, from heard to answered: alarms first, then the assistant, then what its acts mean for this patient."""
