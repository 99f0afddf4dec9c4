# A validator for the parts of JSON Schema that *.schema.json have. Any other word is an error: a rule
# that is not understood would allow everything.

def of_type($types): type as $is | [$types] | flatten | any(. == $is);

def understood: keys - [
	"$schema", "title", "description", "$defs", "$ref", "type", "enum", "pattern", "items", "maxItems",
	"minItems", "required", "properties", "additionalProperties", "minProperties", "maxProperties"] |
	. == [] or error("the validator does not understand \(.)");

def within($least; $most): ($least == null or length >= $least) and ($most == null or length <= $most);

# allowed($root; $rule): whether the input is as $rule says, a part of the schema $root.
def allowed($root; $rule):
	if $rule == false then false
	elif $rule["$ref"] then allowed($root; $root | getpath($rule["$ref"] | ltrimstr("#/") | split("/")))
	else
		. as $value | ($rule | understood) and
		($rule.type == null or of_type($rule.type)) and
		($rule.enum == null or any($rule.enum[]; . == $value)) and
		($rule.pattern == null or type != "string" or test($rule.pattern)) and
		(type != "array" or (within($rule.minItems; $rule.maxItems) and
			($rule.items == null or all(.[]; allowed($root; $rule.items))))) and
		(type != "object" or (within($rule.minProperties; $rule.maxProperties) and
			(($rule.required // []) - keys) == [] and
			all(to_entries[]; .key as $key |
				(if $rule.properties // {} | has($key) then $rule.properties[$key]
				else $rule.additionalProperties end) as $of |
				.value | $of == null or allowed($root; $of))))
	end;

# Each value of the input, and at least one: a document, or a line of many.
$schema[0] as $root | (if $part == "" then $root else {"$ref": $part} end) as $rule |
	[inputs] | length > 0 and all(.[]; allowed($root; $rule))
