alter table import_mappings add primary key (import_mapping_id);
