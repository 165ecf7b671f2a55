alter table brand_readings add primary key (brand_reading_id);
