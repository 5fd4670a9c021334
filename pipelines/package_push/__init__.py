"""政策包持续推送: an enterprise's package made anew when facts or policies change, one digest told."""
