-- What no file in views/ makes any more.
drop view if exists action_feedback;
drop macro table if exists actions_raised_by;
drop macro table if exists deals_seen;
drop macro if exists year_before;
drop macro table if exists year_rates;
