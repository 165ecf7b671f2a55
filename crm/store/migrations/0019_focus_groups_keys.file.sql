alter table focus_groups add primary key (focus_group_id);
alter table focus_questions add primary key (focus_question_id);
alter table focus_participants add primary key (focus_participant_id);
alter table focus_quotes add primary key (focus_quote_id);
alter table focus_findings add primary key (focus_finding_id);
alter table finding_quotes add primary key (finding_quote_id);
alter table finding_outcomes add primary key (finding_outcome_id);
