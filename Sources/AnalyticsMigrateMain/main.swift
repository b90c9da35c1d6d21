import AnalyticsCommand

await MigrateTool.start()
