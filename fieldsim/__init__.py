"""fieldsim: which territory design is better, by how much, and how sure."""
