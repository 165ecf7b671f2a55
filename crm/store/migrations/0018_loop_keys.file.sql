alter table actions add primary key (action_id);
alter table tellings add primary key (telling_id);
create index tellings_by_feedback on tellings (feedback_id);
create index tellings_by_customer on tellings (customer_id);
