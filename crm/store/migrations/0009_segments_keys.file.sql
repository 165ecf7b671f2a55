alter table segments add primary key (segment_id);
alter table segment_members add primary key (segment_member_id);
