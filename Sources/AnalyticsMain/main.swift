import AnalyticsCommand

await AnalyticsTool.main()
