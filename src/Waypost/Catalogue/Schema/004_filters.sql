-- Slots of properties are filled piece by piece: as far as this row.
alter table catalogue_queryables add column filled_to bigint not null default 0;
create index catalogue_queryables_by_name on catalogue_queryables (org, name, collection);
create unique index catalogue_queryables_slots on catalogue_queryables (org, slot) where slot is not null;
-- What CQL2 needs and the two databases do not have alike; SQLite is given the same functions when it is opened (see
-- Storage/SqliteFilters.cs). None of them fails, whatever it is given: what has no answer is null.
-- only postgres

-- The member of this name, else the one that is nested at this dotted path; JSON null is no value.
create function cql_member(properties jsonb, name text) returns jsonb
language plpgsql immutable parallel safe as $$
declare
    member jsonb := properties -> name;
    step text;
begin
    if member is null and strpos(name, '.') > 0 then
        member := properties;
        foreach step in array string_to_array(name, '.') loop
            -- Not into arrays, which would take a number for a place.
            member := case jsonb_typeof(member) when 'object' then member -> step end;
        end loop;
    end if;
    return nullif(member, 'null'::jsonb);
end $$;

-- A JSON number as a double; what a double cannot hold is no number.
create function cql_double(member jsonb) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    digits text;
begin
    if jsonb_typeof(member) <> 'number' then return null; end if;
    digits := member #>> '{}';
    if length(digits) < 300 then return digits::double precision; end if;
    if abs(digits::numeric) >= 1.797693134862315807938e308 then return null; end if;
    if abs(digits::numeric) <= 2.4703282292062328e-324 then return 0; end if;
    return digits::double precision;
end $$;

-- Each of these looks for itself: a call of another function costs as much as what it does.
create function cql_number(properties jsonb, name text) returns double precision
language plpgsql immutable parallel safe as $$
declare
    member jsonb := properties -> name;
    digits text;
begin
    if member is null and strpos(name, '.') > 0 then member := cql_member(properties, name); end if;
    if jsonb_typeof(member) is distinct from 'number' then return null; end if;
    digits := member #>> '{}';
    return case when length(digits) < 300 then digits::double precision else cql_double(member) end;
end $$;

create function cql_text(properties jsonb, name text) returns text
language plpgsql immutable parallel safe as $$
declare
    member jsonb := properties -> name;
begin
    if member is null and strpos(name, '.') > 0 then member := cql_member(properties, name); end if;
    return case jsonb_typeof(member) when 'string' then member #>> '{}' end;
end $$;

create function cql_boolean(properties jsonb, name text) returns boolean
language plpgsql immutable parallel safe as $$
declare
    member jsonb := properties -> name;
begin
    if member is null and strpos(name, '.') > 0 then member := cql_member(properties, name); end if;
    return case jsonb_typeof(member) when 'boolean' then member::boolean end;
end $$;

create function cql_array(properties jsonb, name text) returns jsonb
language plpgsql immutable parallel safe as $$
declare
    member jsonb := cql_member(properties, name);
begin
    return case jsonb_typeof(member) when 'array' then member end;
end $$;

-- The first or the last microsecond of a timestamp or a date as RFC 3339 writes them. By a mask of its characters: a
-- regular expression with groups takes a hundred times as long.
create function cql_instant(value text, is_last boolean) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    mask text := translate(value, '123456789tz', '000000000TZ');
    rest text;
    decimals int := 0;
    in_year int;
    in_month int;
    on_day int;
    days int;
    moment bigint;
    zone bigint;
begin
    if left(mask, 10) <> '0000-00-00' then return null; end if;
    in_year := left(value, 4)::int;
    in_month := substr(value, 6, 2)::int;
    on_day := substr(value, 9, 2)::int;
    if in_year < 1 or in_month < 1 or in_month > 12 or on_day < 1 then return null; end if;
    days := case
        when in_month in (4, 6, 9, 11) then 30
        when in_month <> 2 then 31
        when in_year % 4 = 0 and (in_year % 100 <> 0 or in_year % 400 = 0) then 29
        else 28 end;
    if on_day > days then return null; end if;
    moment := (make_date(in_year, in_month, on_day) - date '1970-01-01') * 86400000000;
    if length(mask) = 10 then return moment + case when is_last then 86399999999 else 0 end; end if;

    if substr(mask, 11, 9) <> 'T00:00:00' or substr(value, 12, 2)::int > 23 or substr(value, 15, 2)::int > 59
        or substr(value, 18, 2)::int > 60
    then
        return null;
    end if;
    moment := moment + ((substr(value, 12, 2)::int * 60 + substr(value, 15, 2)::int) * 60
        + substr(value, 18, 2)::int) * 1000000::bigint;
    rest := substr(mask, 20);
    if left(rest, 1) = '.' then
        rest := ltrim(substr(rest, 2), '0');
        decimals := length(mask) - 20 - length(rest);
        if decimals = 0 then return null; end if;
        moment := moment + rpad(substr(value, 21, least(decimals, 6)), 6, '0')::int;
    end if;
    if rest in ('+00:00', '-00:00') then
        zone := left(right(value, 5), 2)::int;
        if zone > 23 or right(value, 2)::int > 59 then return null; end if;
        zone := (zone * 60 + right(value, 2)::int) * 60000000;
        moment := case left(rest, 1) when '+' then moment - zone else moment + zone end;
    elsif rest <> 'Z' then
        return null;
    end if;
    return case when moment between -62135596800000000 and 253402300799999999 then moment end;
end $$;

create function cql_first(properties jsonb, name text) returns bigint
language plpgsql immutable parallel safe as $$
begin
    return cql_instant(cql_text(properties, name), false);
end $$;

create function cql_last(properties jsonb, name text) returns bigint
language plpgsql immutable parallel safe as $$
begin
    return cql_instant(cql_text(properties, name), true);
end $$;

-- A property that is a GeoJSON geometry, mended where it is not valid. A value that is none must not end the search.
create function cql_geometry(properties jsonb, name text) returns geometry
language plpgsql immutable parallel unsafe as $$
declare
    member jsonb := cql_member(properties, name);
    shape geometry;
begin
    if jsonb_typeof(member) is distinct from 'object' then return null; end if;
    shape := st_setsrid(st_force2d(st_geomfromgeojson(member)), 4326);
    return case when st_isvalid(shape) then shape else st_makevalid(shape, 'method=structure') end;
exception when others then
    return null;
end $$;

-- How two geometries lie in the plane. The empty one is disjoint from all and equals another empty one; a collection
-- that mixes points, lines and areas can meet and be disjoint, and no more.
create function cql_spatial(relation text, a geometry, b geometry) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
    if geometrytype(a) = 'GEOMETRYCOLLECTION' then a := st_unaryunion(st_collectionhomogenize(a)); end if;
    if geometrytype(b) = 'GEOMETRYCOLLECTION' then b := st_unaryunion(st_collectionhomogenize(b)); end if;
    if st_isempty(a) or st_isempty(b) then
        return relation = 'disjoint' or (relation = 'equals' and st_isempty(a) and st_isempty(b));
    end if;
    if relation = 'intersects' then return st_intersects(a, b); end if;
    if relation = 'disjoint' then return not st_intersects(a, b); end if;
    if geometrytype(a) = 'GEOMETRYCOLLECTION' or geometrytype(b) = 'GEOMETRYCOLLECTION' then return null; end if;
    return case relation
        when 'equals' then st_equals(a, b)
        when 'touches' then st_touches(a, b)
        when 'within' then st_within(a, b)
        when 'overlaps' then st_overlaps(a, b)
        when 'crosses' then st_crosses(a, b)
        when 'contains' then st_contains(a, b) end;
end $$;

create function cql_geometry_type(shape geometry) returns text language sql immutable strict parallel safe
return substr(st_geometrytype(shape), 4);

create function cql_distance_km(a geometry, b geometry) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    south double precision;
    north double precision;
    across double precision;
    along double precision;
begin
    if st_isempty(a) or st_isempty(b) then return null; end if;
    south := (st_ymin(a) + st_ymax(a)) / 2 * pi() / 180;
    north := (st_ymin(b) + st_ymax(b)) / 2 * pi() / 180;
    across := sin(((st_xmin(b) + st_xmax(b)) / 2 - (st_xmin(a) + st_xmax(a)) / 2) * pi() / 180 / 2);
    along := sin((north - south) / 2);
    return 2 * 6371.0088 * asin(sqrt(least(1, along * along + cos(south) * cos(north) * across * across)));
end $$;

-- Two values of one type: -1, 0 or 1; null for any others. Texts are in the order of their code points.
create function cql_compare(a jsonb, b jsonb) returns int
language plpgsql immutable strict parallel safe as $$
declare
    one text;
    other text;
begin
    if jsonb_typeof(a) <> jsonb_typeof(b) then return null; end if;
    case jsonb_typeof(a)
        when 'number' then return sign(cql_double(a) - cql_double(b))::int;
        when 'boolean' then return a::boolean::int - b::boolean::int;
        when 'string' then
            one := a #>> '{}';
            other := b #>> '{}';
            return case when one = other then 0 when one collate "C" < other collate "C" then -1 else 1 end;
        else return null;
    end case;
end $$;

-- Elements as texts that are equal where the elements are. What equals nothing is null.
create function cql_key(element jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
    case jsonb_typeof(element)
        when 'number' then return 'n' || cql_double(element);
        when 'string' then return 's' || (element #>> '{}');
        when 'array' then return 'a' || (
            select case when count(*) = count(cql_key(value)) then coalesce(jsonb_agg(cql_key(value)), '[]') end::text
            from jsonb_array_elements(element));
        when 'object' then return null;
        else return element::text;
    end case;
end $$;

-- An array with an element that equals nothing compares with nothing.
create function cql_keys(elements jsonb) returns text[]
language sql immutable strict parallel safe
return (select case when count(*) = count(cql_key(value)) then coalesce(array_agg(cql_key(value)), '{}') end
    from jsonb_array_elements(elements));

create function cql_has_all(elements jsonb, asked jsonb) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
    return cql_keys(elements) @> cql_keys(asked);
end $$;

create function cql_has_any(elements jsonb, asked jsonb) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
    return cql_keys(elements) && cql_keys(asked);
end $$;

-- Arrays written out in a filter; a value that is not there is null in them.
create function cql_json(value double precision) returns jsonb language sql immutable parallel safe
return to_jsonb(value);
create function cql_json(value text) returns jsonb language sql immutable parallel safe return to_jsonb(value);
create function cql_json_boolean(value boolean) returns jsonb language sql immutable parallel safe
return to_jsonb(value);
create function cql_list(variadic elements jsonb[]) returns jsonb language sql immutable parallel safe
return to_jsonb(elements);

-- Arithmetic of doubles. What is not finite is null, and what is too small is 0.
create function cql_add(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
begin
    if abs(a) < 8e307 and abs(b) < 8e307 then return a + b; end if;
    -- Halved they cannot overflow, and what is lost is below the last digit that counts here.
    return case when abs(a / 2 + b / 2) <= 1.7976931348623157e308 / 2 then (a / 2 + b / 2) * 2 end;
end $$;

create function cql_subtract(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
begin
    return cql_add(a, -b);
end $$;

create function cql_finite(operator text, a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    return case operator when '*' then a * b when '/' then a / b else power(a, b) end;
exception when numeric_value_out_of_range then
    return case when sqlerrm like '%underflow%' then 0 end;
end $$;

create function cql_multiply(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    if abs(a) < 1e150 and abs(b) < 1e150 and (a = 0 or abs(a) > 1e-150) and (b = 0 or abs(b) > 1e-150) then
        return a * b;
    end if;
    return cql_finite('*', a, b);
end $$;

create function cql_divide(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    if b = 0 then return null; end if;
    if abs(a) < 1e150 and abs(b) < 1e150 and (a = 0 or abs(a) > 1e-150) and abs(b) > 1e-150 then return a / b; end if;
    return cql_finite('/', a, b);
end $$;

create function cql_div(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    return trunc(cql_divide(a, b));
end $$;

create function cql_modulo(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    return cql_subtract(a, cql_multiply(b, cql_div(a, b)));
end $$;

create function cql_power(a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel unsafe as $$
begin
    if (a = 0 and b < 0) or (a < 0 and b <> trunc(b)) then return null; end if;
    return cql_finite('^', a, b);
end $$;

create function cql_floor(a double precision) returns double precision language sql immutable parallel safe
return floor(a);
create function cql_ceil(a double precision) returns double precision language sql immutable parallel safe
return ceil(a);
create function cql_least(a double precision, b double precision) returns double precision
language sql immutable parallel safe
return case when a <= b then a when b < a then b end;
create function cql_greatest(a double precision, b double precision) returns double precision
language sql immutable parallel safe
return case when a >= b then a when b > a then b end;

-- A part of a moment in UTC.
create function cql_calendar(part text, moment bigint) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    days int := floor(moment::numeric / 86400000000)::int;
begin
    if part = 'hour' then return floor((moment - days * 86400000000) / 3600000000); end if;
    return date_part(part, date '1970-01-01' + days);
end $$;

create function cql_length(value text) returns double precision language sql immutable parallel safe
return length(value);
create function cql_like(value text, pattern text) returns boolean language sql immutable parallel safe
return value like pattern;

-- The table of Geo/Text/Folding.cs; a test holds the two together.
create function cql_casei(value text) returns text
language plpgsql immutable strict parallel safe as $$
begin
    if octet_length(value) = length(value) then return lower(value collate "C"); end if;
    value := translate(value,
        'ABCDEFGHIJKLMNOPQRSTUVWXYZµÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐ'
        || 'ŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆ'
        || 'ȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫςϏϐϑϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϴϵϷ'
        || 'ϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼ'
        || 'ҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠ'
        || 'ႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘ'
        || 'ᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬᏭᏮᏯᏰᏱᏲᏳᏴᏵᲀᲁᲂᲃᲄᲅᲆᲇᲈᲉᲐᲑᲒᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿḀḂḄḆḈḊḌḎḐḒḔ'
        || 'ḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẛẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜ'
        || 'ỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾἈἉἊἋἌἍἎἏἘἙἚἛἜἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὙὛὝὟὨὩὪὫὬὭὮὯάέήίόύώᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯ'
        || 'ᾸᾹᾺΆᾼιῈΈῊΉῌῘῙῚΊῨῩῪΎῬῸΌῺΏῼΩKÅℲⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅬⅭⅮⅯↃⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏⰐⰑⰒⰓⰔⰕⰖⰗ'
        || 'ⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠⱢⱣⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆ'
        || 'ꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬ'
        || 'ꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀꟂꟄꟅꟆꟇꟉꟋꟌ꟎Ꟑ꟒꟔ꟖꟘꟚꟜꟵＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ',
        'abcdefghijklmnopqrstuvwxyzμàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏő'
        || 'œŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇ'
        || 'ȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋσϗβθφπϙϛϝϟϡϣϥϧϩϫϭϯκρθεϸ'
        || 'ϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽ'
        || 'ҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀ'
        || 'ⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨ'
        || 'ꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼꮽꮾꮿᏸᏹᏺᏻᏼᏽвдосттъѣꙋᲊაბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿḁḃḅḇḉḋḍḏḑḓḕ'
        || 'ḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕṡạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờ'
        || 'ởỡợụủứừửữựỳỵỷỹỻỽỿἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὑὓὕὗὠὡὢὣὤὥὦὧάέήίόύώᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧ'
        || 'ᾰᾱὰάᾳιὲέὴήῃῐῑὶίῠῡὺύῥὸόὼώῳωkåⅎⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻⅼⅽⅾⅿↄⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿⱀⱁⱂⱃⱄⱅⱆⱇ'
        || 'ⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡɫᵽɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇ'
        || 'ꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡ'
        || 'ɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁꟃꞔʂᶎꟈꟊɤꟍ꟏ꟑꟓꟕꟗꟙꟛƛꟶａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ');
    value := replace(value, 'ß', 'ss');
    value := replace(value, 'İ', U&'i\0307');
    value := replace(value, 'ŉ', 'ʼn');
    value := replace(value, 'և', 'եւ');
    value := replace(value, 'ẞ', 'ss');
    value := replace(value, 'ﬀ', 'ff');
    value := replace(value, 'ﬁ', 'fi');
    value := replace(value, 'ﬂ', 'fl');
    value := replace(value, 'ﬃ', 'ffi');
    value := replace(value, 'ﬄ', 'ffl');
    value := replace(value, 'ﬅ', 'st');
    value := replace(value, 'ﬆ', 'st');
    value := replace(value, 'ﬓ', 'մն');
    value := replace(value, 'ﬔ', 'մե');
    value := replace(value, 'ﬕ', 'մի');
    value := replace(value, 'ﬖ', 'վն');
    value := replace(value, 'ﬗ', 'մխ');
    return value;
end $$;

create function cql_accenti(value text) returns text
language plpgsql immutable strict parallel safe as $$
begin
    if octet_length(value) = length(value) then return value; end if;
    value := translate(value,
        'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïðñòóôõöøùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦ'
        || 'ħĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŊŋŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžƀƁƊƗƘƙƚƝƟƠơƯưƳƴƵ'
        || 'ƶǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǤǥǦǧǨǩǪǫǬǭǮǯǰǴǵǸǹǺǻǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȞȟȦȧȨȩȪȫȬȭȮȯȰȱȲȳȷȺȻȼȽȾɃɄɆɇ'
        || 'ɈɉɌɍɎɏɓɗɨɲɵʉʹΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώϓϔЀЁЃЇЌЍЎЙйѐёѓїќѝўѶѷӁӂӐӑӒӓӖӗӚӛӜӝӞӟӢӣӤӥӦӧӪӫӬӭӮӯӰӱӲӳӴӵӸӹᵽḀḁḂḃḄḅḆḇ'
        || 'ḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧ'
        || 'ṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌ'
        || 'ọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶ'
        || 'ἷἸἹἺἻἼἽἾἿὀὁὂὃὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠ'
        || 'ᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼιῂῃῄῆῇῈΈῊΉῌῐῑῒΐῖῗῘῙῚΊῠῡῢΰῤῥῦῧῨῩῪΎῬῲῳῴῶῷῸΌῺΏῼΩKÅⱣⱥⱦꝀꝁ'
        || U&'\0300\0301\0302\0303\0304\0305\0306\0307\0308\0309\030A\030B\030C\030D\030E\030F\0310\0311\0312'
        || U&'\0313\0314\0315\0316\0317\0318\0319\031A\031B\031C\031D\031E\031F\0320\0321\0322\0323\0324\0325'
        || U&'\0326\0327\0328\0329\032A\032B\032C\032D\032E\032F\0330\0331\0332\0333\0334\0335\0336\0337\0338'
        || U&'\0339\033A\033B\033C\033D\033E\033F\0340\0341\0342\0343\0344\0345\0346\0347\0348\0349\034A\034B'
        || U&'\034C\034D\034E\034F\0350\0351\0352\0353\0354\0355\0356\0357\0358\0359\035A\035B\035C\035D\035E'
        || U&'\035F\0360\0361\0362\0363\0364\0365\0366\0367\0368\0369\036A\036B\036C\036D\036E\036F\0483\0484'
        || U&'\0485\0486\0487\1AB0\1AB1\1AB2\1AB3\1AB4\1AB5\1AB6\1AB7\1AB8\1AB9\1ABA\1ABB\1ABC\1ABD\1ABF\1AC0'
        || U&'\1AC1\1AC2\1AC3\1AC4\1AC5\1AC6\1AC7\1AC8\1AC9\1ACA\1ACB\1ACC\1ACD\1ACE\1ACF\1AD0\1AD1\1AD2\1AD3'
        || U&'\1AD4\1AD5\1AD6\1AD7\1AD8\1AD9\1ADA\1ADB\1ADC\1ADD\1AE0\1AE1\1AE2\1AE3\1AE4\1AE5\1AE6\1AE7\1AE8'
        || U&'\1AE9\1AEA\1AEB\1DC0\1DC1\1DC2\1DC3\1DC4\1DC5\1DC6\1DC7\1DC8\1DC9\1DCA\1DCB\1DCC\1DCD\1DCE\1DCF'
        || U&'\1DD0\1DD1\1DD2\1DD3\1DD4\1DD5\1DD6\1DD7\1DD8\1DD9\1DDA\1DDB\1DDC\1DDD\1DDE\1DDF\1DE0\1DE1\1DE2'
        || U&'\1DE3\1DE4\1DE5\1DE6\1DE7\1DE8\1DE9\1DEA\1DEB\1DEC\1DED\1DEE\1DEF\1DF0\1DF1\1DF2\1DF3\1DF4\1DF5'
        || U&'\1DF6\1DF7\1DF8\1DF9\1DFA\1DFB\1DFC\1DFD\1DFE\1DFF\20D0\20D1\20D2\20D3\20D4\20D5\20D6\20D7\20D8'
        || U&'\20D9\20DA\20DB\20DC\20E1\20E5\20E6\20E7\20E8\20E9\20EA\20EB\20EC\20ED\20EE\20EF\20F0\2CEF\2CF0'
        || U&'\2CF1\2DE0\2DE1\2DE2\2DE3\2DE4\2DE5\2DE6\2DE7\2DE8\2DE9\2DEA\2DEB\2DEC\2DED\2DEE\2DEF\2DF0\2DF1'
        || U&'\2DF2\2DF3\2DF4\2DF5\2DF6\2DF7\2DF8\2DF9\2DFA\2DFB\2DFC\2DFD\2DFE\2DFF\A66F\A674\A675\A676\A677'
        || U&'\A678\A679\A67A\A67B\A67C\A67D\A69E\A69F\FE20\FE21\FE22\FE23\FE24\FE25\FE26\FE27\FE28\FE29\FE2A'
        || U&'\FE2B\FE2C\FE2D\FE2E\FE2F',
        'AAAAAACEEEEIIIIDNOOOOOOUUUUYaaaaaaceeeeiiiidnoooooouuuuyyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhH'
        || 'hIiIiIiIiIiJjKkLlLlLlLlNnNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzbBDIKklNOOoUuYyZ'
        || 'zAaIiOoUuUuUuUuUuAaAaGgGgKkOoOoƷʒjGgNnAaOoAaAaEeEeIiIiOoOoRrRrUuUuSsTtHhAaEeOoOoOoOoYyjACcLTBUEe'
        || 'JjRrYybdinouʹΑΕΗΙΟΥΩιΙΥαεηιυιυουωϒϒЕЕГІКИУИиеегікиуѴѵЖжАаАаЕеӘәЖжЗзИиИиОоӨөЭэУуУуУуЧчЫыpAaBbBbBb'
        || 'CcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSs'
        || 'SsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwyſAaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiO'
        || 'oOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYyααααααααΑΑΑΑΑΑΑΑεεεεεεΕΕΕΕΕΕηηηηηηηηΗΗΗΗΗΗΗΗιιιιιιι'
        || 'ιΙΙΙΙΙΙΙΙοοοοοοΟΟΟΟΟΟυυυυυυυυΥΥΥΥωωωωωωωωΩΩΩΩΩΩΩΩααεεηηιιοουυωωααααααααΑΑΑΑΑΑΑΑηηηηηηηηΗΗΗΗΗΗΗΗω'
        || 'ωωωωωωωΩΩΩΩΩΩΩΩαααααααΑΑΑΑΑιηηηηηΕΕΗΗΗιιιιιιΙΙΙΙυυυυρρυυΥΥΥΥΡωωωωωΟΟΩΩΩΩKAPatKk');
    value := replace(value, 'Æ', 'AE');
    value := replace(value, 'Þ', 'TH');
    value := replace(value, 'ß', 'ss');
    value := replace(value, 'æ', 'ae');
    value := replace(value, 'þ', 'th');
    value := replace(value, 'Ĳ', 'IJ');
    value := replace(value, 'ĳ', 'ij');
    value := replace(value, 'ŉ', 'ʼn');
    value := replace(value, 'Œ', 'OE');
    value := replace(value, 'œ', 'oe');
    value := replace(value, 'Ǣ', 'AE');
    value := replace(value, 'ǣ', 'ae');
    value := replace(value, 'Ǽ', 'AE');
    value := replace(value, 'ǽ', 'ae');
    value := replace(value, 'ẞ', 'SS');
    return value;
end $$;
