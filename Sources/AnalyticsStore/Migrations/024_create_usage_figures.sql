-- What usage_summary has, with which figures are sums and which are distinct members: only sums add up over periods.
-- A view of its own: replacing the other would keep its lock while the migration waits for reports, and they for it.
CREATE VIEW usage_figures AS
SELECT p.id AS period_id, p.started_at AS period_start, p.ended_at AS period_end,
       figure.kind, figure.measure, figure.name, figure.value
FROM analytics_usage_periods AS p
JOIN (
    SELECT period_id, kind, 'sum' AS measure, name, sum(value)::bigint AS value
    FROM analytics_usage_counters GROUP BY 1, 2, 4
    UNION ALL
    SELECT period_id, kind, 'members', set_name, count(DISTINCT member)
    FROM analytics_usage_members GROUP BY 1, 2, 4
) AS figure ON figure.period_id = p.id;

COMMENT ON VIEW usage_figures IS
    'Of each usage period and kind: sums, and distinct members over all replicas. measure is sum or members.';
