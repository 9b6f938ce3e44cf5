// SetupCore
