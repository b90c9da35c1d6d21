import AnalyticsCommand

await AnalyticsTool.start()
