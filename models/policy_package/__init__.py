"""The best combinable set of policies, licences and approvals for one enterprise, explained."""
