"""How Redian is run: containers, Kubernetes, monitoring, and the programs that write and check what is kept here."""
