alter table themes add primary key (theme_id);
alter table theme_phrases add primary key (theme_phrase_id);
alter table theme_marks add primary key (theme_mark_id);
alter table sentiment_marks add primary key (sentiment_mark_id);
alter table theme_dismissals add primary key (theme_dismissal_id);
