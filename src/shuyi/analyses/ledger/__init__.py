"""The ledger of spillovers: what each unit and group gives to and receives from the others."""
