alter table ideal_attributes add primary key (ideal_attribute_id);
