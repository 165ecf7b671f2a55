-- survey_answers has no key on purpose: its anonymous rows are put in again by every write of their day.
alter table surveys add primary key (survey_id);
alter table survey_questions add primary key (survey_question_id);
alter table survey_invitations add primary key (survey_invitation_id);
alter table survey_tokens add primary key (survey_token_id);
alter table survey_responses add primary key (survey_response_id);
alter table survey_refusals add primary key (survey_refusal_id);
create index survey_tokens_by_hash on survey_tokens (token_hash);
create index survey_invitations_by_contact on survey_invitations (contact_id);
