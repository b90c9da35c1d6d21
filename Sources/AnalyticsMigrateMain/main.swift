import AnalyticsCommand

await MigrateTool.main()
