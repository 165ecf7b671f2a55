"""An interactive CRM dashboard that a company starts with one command and keeps for years. The map: crm/README.md."""
