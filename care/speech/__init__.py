"""Every message aloud: a recording first, a labelled machine voice otherwise, encoded once per content."""
