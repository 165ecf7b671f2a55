alter table idea_votes add primary key (idea_vote_id);
