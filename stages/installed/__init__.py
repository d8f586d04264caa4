"""From the models that Ollama holds to a params.yaml that runs them here."""
