"""What every server of this language shares: the server protocol, the policy, and ways to listen."""
