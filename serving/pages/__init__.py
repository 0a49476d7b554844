"""The web dashboard: pages made on the server from the reports of the latest scoring run."""
