-- Chance without chance: the same number and word give the same share, choice and key on every machine.
-- Hashed twice: once hashed, the shares of two words would rise and fall together.
create or replace temp macro mixed(n, salt) as hash(hash(n, salt));
create or replace temp macro share(n, salt) as mixed(n, salt) / 1.8446744073709552e19;
create or replace temp macro whole(n, salt, below) as (mixed(n, salt) % below::ubigint)::bigint;
create or replace temp macro number_of(words) as 1 + length(words) - length(replace(words, '|', ''));
create or replace temp macro pick(n, salt, words) as split_part(words, '|', 1 + whole(n, salt, number_of(words)));

-- Shaped like the uuid7 that the app makes: rising with n, random in its tail, so that indexes look as in real use.
create or replace temp macro row_key(noun, n) as format(
    '{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}',
    26214400 + (n >> 16)::bigint,
    (n & 65535)::bigint,
    whole(n, noun || ' 1', 4096),
    whole(n, noun || ' 2', 4096),
    whole(n, noun || ' 3', 281474976710656)
)::uuid;

-- Names from syllables, some with accents, so that a search for a piece of one finds a few among many.
create or replace temp macro syllable(n, salt) as pick(
    n,
    salt,
    'ba|bel|bor|ca|cor|da|del|dro|é|fal|fen|ga|gri|ha|hel|ja|ka|kan|kor|la|lin|lør|ma|mer|mon|na|nex|nor|o|pa|per|pol|ra|rin'
    || '|ro|sa|sen|sol|ta|tel|tor|ü|va|ver|vi|wen|xa|yor|za|zen'
);
create or replace temp macro capital(word) as upper(word[1]) || word[2:];
create or replace temp macro brand(n) as capital(
    syllable(n, 'one') || syllable(n, 'two') || syllable(n, 'three')
    || case when share(n, 'long') < 0.5 then syllable(n, 'four') else '' end
);
create or replace temp macro domain(n) as
    lower(strip_accents(brand(n))) || pick(n, 'zone', '.com|.de|.io|.co.uk|.org');
create or replace temp macro first_name(n) as pick(
    n,
    'first',
    'Ada|Amir|Ana|Ben|Chloé|Dana|David|Elif|Emma|Finn|Grace|Hana|Hugo|Ines|Ivan|Jan|José|Kenji|Lea|Liam|Lina|Maria|Max|Mia'
    || '|Nia|Noah|Olga|Omar|Paul|Rosa|Sara|Søren|Tariq|Tom|Yuki|Zoë'
);
create or replace temp macro last_name(n) as
    capital(syllable(n, 'last') || syllable(n, 'name')) || pick(n, 'end', 'son|ez|i|er|ova|s');

-- One customer in six is a person: an odd number, so that second contacts (even numbers) are all at companies.
create or replace temp macro is_person(n) as n % 6 = 1;
create or replace temp macro owner_key(n) as row_key('employee', 1 + whole(n, 'owner', 100));

-- A working hour of a past day, at most three years ago.
create or replace temp macro past_day(n, salt, today) as today - 1 - whole(n, salt || ' day', 1095)::integer;
create or replace temp macro past_hour(n, salt, today) as
    past_day(n, salt, today)::timestamp + to_seconds(28800 + whole(n, salt || ' second', 36000));
