-- after: basics
-- What names, websites and numbers are when they are compared: without case, accents, punctuation, titles and legal forms.

-- From the cheapest way, which does for most values, to the one that knows every alphabet.
create or replace macro single_spaced(value) as nullif(trim(replace(replace(replace(value, '   ', ' '), '  ', ' '), '  ', ' ')), '');
create or replace macro bare_words(value) as case
    when not regexp_matches(search_key(value), '[^a-z0-9 ]|^ | $|  |^$') then search_key(value)
    when not regexp_matches(search_key(value), '[^a-z0-9 .,;:/#()&+''"-]') then
        single_spaced(translate(search_key(value), '.,;:/#()&+''"-', '             '))
    else nullif(trim(regexp_replace(search_key(value), '[^\p{L}\p{N}]+', ' ', 'g')), '')
end;

-- A person's name as one text, given name first: “Miller, Dr. Ann” is “ann miller”. An address in its place is no name.
create or replace macro whole_name(name) as case
    when contains(name, '@') then null
    when not regexp_matches(search_key(name), '[^a-z ]|^ | $|  |^$|^(mr|mrs|ms|miss|dr|prof|herr|frau|mme|sir) ') then search_key(name)
    else regexp_replace(
        bare_words(regexp_replace(name, '^([^,]+),(.+)$', '\2 \1')),
        '^((mr|mrs|ms|miss|dr|prof|herr|frau|mme|sir) )+',
        ''
    )
end;

-- A company's name without its legal form.
create or replace macro company_name(name) as regexp_replace(
    regexp_replace(bare_words(name), '^the ', ''),
    '( (inc|incorporated|llc|llp|lp|ltd|limited|plc|corp|corporation|co|company|gmbh|mbh|ag|kg|ohg|ug|se|ev|sa|sarl|sas|srl|spa|sl'
    || '|bv|nv|ab|as|asa|aps|oy|oyj|pty|pte|kk|doo|sro|zoo|holding|holdings|group|gruppe))+$',
    ''
);

create or replace macro web_domain(website) as nullif(
    regexp_extract(lower(website), '^(?:[a-z]+://)?(?:www\.)?([^/:?# ]+)', 1),
    ''
);

-- The last nine digits tell numbers apart, with a country in front or without.
create or replace macro phone_number(phone) as case
    when length(translate(phone, ' +-()./', '')) >= 6 then right(translate(phone, ' +-()./', ''), 9)
end;

create or replace macro email_address(email) as nullif(trim(lower(email)), '');

-- The beginnings of names, stored beside them: whoever is entered again shares one of the two with the row that is there,
-- unless both names are mistyped in front. Letters that are mistaken for each other are one; dots and dashes are none.
create or replace macro beginning(value, letters) as left(translate(search_key(value), 'cqzvy .-&,''', 'kksfi'), letters);
create or replace macro given_key(name) as
    beginning(name, 3) || ' ' || beginning(split_part(trim(name), ' ', -1), 1);
create or replace macro family_key(name) as
    beginning(name, 1) || ' ' || beginning(split_part(trim(name), ' ', -1), 4);
create or replace macro company_key(name) as beginning(name, 4);
