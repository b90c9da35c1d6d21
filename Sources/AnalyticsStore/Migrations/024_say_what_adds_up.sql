-- Which figures of usage are sums and which are distinct members: only sums may be added up over periods.
CREATE OR REPLACE VIEW usage_summary AS
SELECT p.id AS period_id, p.started_at AS period_start, p.ended_at AS period_end,
       figure.kind, figure.name, figure.value, figure.measure
FROM analytics_usage_periods AS p
JOIN (
    SELECT period_id, kind, name, sum(value)::bigint AS value, 'sum' AS measure
    FROM analytics_usage_counters GROUP BY 1, 2, 3
    UNION ALL
    SELECT period_id, kind, set_name, count(DISTINCT member), 'members'
    FROM analytics_usage_members GROUP BY 1, 2, 3
) AS figure ON figure.period_id = p.id;

COMMENT ON VIEW usage_summary IS
    'Of each usage period and kind: sums, and distinct members over all replicas. measure is sum or members.';
